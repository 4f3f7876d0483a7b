"""The edge that other programs use: conventions of the REST API, without business words."""
