"""The app you want."""
