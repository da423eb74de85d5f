"""`gc_paused` leaves the collector as it was, whether the block fails or not."""

import gc

import pytest

from pipeline.gc_paused import gc_paused


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_collector_is_as_before(enabled: bool, fails: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(ImportError) if fails else gc_paused(), gc_paused():
            assert not gc.isenabled()
            if fails:
                raise ImportError
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
