"""What a migration leaves alone: no line here knows Flask, FastAPI or their servers."""
