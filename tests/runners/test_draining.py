from __future__ import annotations

import os
import signal
import sys

import pytest

from ectopy.runners.draining import draining

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_the_second_one_interrupts(
    how: int, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(how)
    with draining("finishing") as drain:
        assert not drain.is_set()
        os.kill(os.getpid(), how)
        assert drain.is_set()
        assert capfd.readouterr().err == "finishing\n"
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), how)
    assert capfd.readouterr().err == ""
    assert signal.getsignal(how) == before
