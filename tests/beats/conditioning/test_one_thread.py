import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from ectopy.beats.conditioning.one_thread import one_thread


def blas_threads():
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}


def test_the_last_one_out_gives_the_threads_back():
    assert np.ones((2, 2)) @ np.ones(2) is not None  # BLAS is loaded
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        with one_thread:
            with pytest.raises(ValueError), one_thread:
                raise ValueError
            assert blas_threads() == {1}
        assert blas_threads() == before
