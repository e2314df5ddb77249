"""What keeps Flask's promises in FastAPI. Each module can be lifted into an own project alone."""
