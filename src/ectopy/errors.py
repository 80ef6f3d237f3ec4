"""The one hierarchy of errors: a message is one sentence that a user can act on."""


class EctopyError(Exception):
    """Anything wrong with what the user gave; the command line prints it and exits with 2.

    The message names the file or the key, what was found, what was expected, and what to do. It may
    quote a damaged file, so what cannot be printed on one line is shown as a replacement character.
    """

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


class ConfigError(EctopyError, ValueError):
    """A setting, a study key or an option has a value that cannot be used."""


class RunFolderError(EctopyError, FileExistsError):
    """A run folder exists already, or belongs to another study."""


class ModelError(EctopyError, ValueError):
    """A saved model cannot be used for what was asked."""


class MissingExtraError(EctopyError, ImportError):
    """Something that only an extra installs is needed; the message says which."""


class LeakError(EctopyError, AssertionError):
    """A split shares a patient, or a beat, that it promised not to share."""


def sentence(error: Exception, what: str) -> str:
    """Tell an error in one sentence, whether a user can mend it or only we can.

    Parameters
    ----------
    error : Exception
        Anything that was raised.
    what : str
        What it befell, for errors that do not say so: a file or a command.
    """
    if isinstance(error, EctopyError):
        return str(error)
    if isinstance(error, MemoryError):
        return (
            f"{what} takes more memory than there is; close other programs or use another machine"
        )
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return (
            f"{what} was stopped by the system: {error.strerror}{place}; mend that, or add --debug "
            "to see where it happened"
        )
    return (
        f"{what} met a defect of ectopy ({type(error).__name__}); add --debug to see the "
        "traceback, and please report it"
    )
