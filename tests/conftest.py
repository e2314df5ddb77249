"""What all of the repository's tests start from."""

import signal

# A shell tells its background jobs to ignore SIGINT, and so would do all that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
