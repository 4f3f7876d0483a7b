"""WeCom: a group robot tells a team; to people WeChat is a task for a person."""
