"""`start_keras`: Keras and its backend without the messages that TensorFlow prints."""

from __future__ import annotations

import logging
import os
import sys
import threading

_lock = threading.Lock()
_started = threading.Event()


def start_keras() -> None:
    """Import Keras and its backend, once, without the messages TensorFlow prints when it starts.

    They come from C++ before any logging can be set up, so standard error is closed meanwhile.
    """
    with _lock:  # two threads would each take the other's closed standard error for the real one
        if not _started.is_set():
            _start()
            _started.set()


def _start() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for what it says later
    if sys.stderr is not None:
        sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        import keras

        keras.ops.ones(1)  # the first operation has its own greeting
        # It warns of slowness when a function is traced often, which training many models does.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
