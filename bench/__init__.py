"""How fast it is: each figure beside a baseline that does the same by hand, measured in the same run."""
