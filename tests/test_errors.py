import pytest

from ectopy.errors import DataFormatError, DataNotFoundError, EctopyError


@pytest.mark.parametrize("kind", [EctopyError, DataFormatError, DataNotFoundError])
def test_a_message_that_quotes_a_damaged_file_is_one_line_that_can_be_printed(
    kind: type[EctopyError],
) -> None:
    said = str(kind("a\nb.csv has 'uV\x00\x1b[31m\u202e' where µV should be"))
    assert said.isprintable()
    assert said.startswith("a\N{REPLACEMENT CHARACTER}b.csv has 'uV")
    assert said.endswith("where µV should be")
