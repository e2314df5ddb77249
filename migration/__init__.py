"""The way across: one app in which each topic is answered by Flask or by FastAPI."""
