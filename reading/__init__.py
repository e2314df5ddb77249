"""How a pair of twin files is read: side by side, matching lines at the same height."""
