"""The one hierarchy of errors: a message is one sentence that a user can act on."""


class EctopyError(Exception):
    """Anything wrong with what the user gave; the command line prints it and exits with 2.

    The message names the file or the key, what was found, what was expected, and what to do. It may
    quote a damaged file, so what cannot be printed on one line is shown as a replacement character.

    Parameters
    ----------
    message : str
        One sentence, in the words of the library.
    change : str or tuple of str
        Parameters, as Python calls them, whose other value would mend it; the command line adds
        the options they have there.

    Examples
    --------
    >>> import ectopy
    >>> try:
    ...     ectopy.open_recording("nowhere.edf")
    ... except ectopy.EctopyError as error:
    ...     print(error)
    nowhere.edf not found, expected a recording or the name of a record
    """

    def __init__(self, message: str = "", *, change: str | tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.change = (change,) if isinstance(change, str) else change

    def __str__(self) -> str:
        """Give the message as one line of text that can be printed."""
        return "".join(
            c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in super().__str__()
        )


class DataNotFoundError(EctopyError, FileNotFoundError):
    """A data set or a file is not where it was looked for."""


class DataFormatError(EctopyError, ValueError):
    """A file was found, but what it holds is not what its format promises."""


class DownloadError(EctopyError, OSError):
    """A download did not arrive whole, or is not the file that was asked for."""


class StoreError(EctopyError, OSError):
    """The place where an archive is kept does not do what it is asked to."""


class ConfigError(EctopyError, ValueError):
    """A setting, a study key or an option has a value that cannot be used."""


class ConflictError(ConfigError):
    """What was asked for may be right, but not as things stand now; look again, then ask again."""


class UnknownPatientError(ConfigError):
    """Whose a recording is must be known, and neither its file nor the user says so."""


class RunFolderError(EctopyError, FileExistsError):
    """A run folder exists already, or belongs to another study."""


class ModelError(EctopyError, ValueError):
    """A saved model cannot be used for what was asked."""


class MissingExtraError(EctopyError, ImportError):
    """Something that only an extra installs is needed; the message says which."""


class ClusterError(EctopyError, ConnectionError):
    """A cluster cannot be reached any more, or its workers cannot do the work."""


class LeakError(EctopyError, AssertionError):
    """A split shares a patient, or a beat, that it promised not to share."""


class Cancelled(EctopyError):  # noqa: N818, nothing went wrong
    """The work was stopped by whoever asked for it; nothing was written."""
