"""The one refusal of an upload, shared by everything that looks at a file."""


class UploadRefused(Exception):
    """A file that is not kept. `.message` is Chinese and says what to do; `.code` names the reason."""

    def __init__(self, message: str, code: str) -> None:
        self.message = message
        self.code = code
        super().__init__(message)
