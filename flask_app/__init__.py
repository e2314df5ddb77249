"""The app you have."""
