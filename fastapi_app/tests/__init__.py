"""The tests of the app itself: `make test` runs them."""
