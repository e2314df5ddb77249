"""The way across, walked by the reader: one topic at a time, with the contract as the judge."""
