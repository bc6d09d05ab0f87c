"""What is wrong with a command line, in one sentence with the way out, where Typer would write four lines."""

import re
from collections.abc import Sequence

from typer.exceptions import TyperException

_REWORDED = (
    (r"^Invalid value(?: for ([^:]+))?: ", r"\1 "),
    (r"'(-[^' ]*)'", r"\1"),
    (r"^Missing argument '([^']*?)(?:\.\.\.)?'\.", r"\1 is missing"),
    (r" is not a valid int(?:eger)?(?: range)?", " is no whole number"),
    (r" is not in the range ([0-9]+)<=x<=([0-9]+)", r" is not from \1 to \2"),
    (r" is not in the range x>=([0-9]+)", r" is less than \1"),
    (r"\. Did you mean (.*)\?$", r" (did you mean \1?)"),
    (r" \(Possible options: (.*)\)$", r" (did you mean \1?)"),
    (r"Got unexpected extra argument\(s\) \((.*)\)", r"does not take also \1"),
)


def explain(error: TyperException, names: Sequence[str] = ()) -> str:
    """Subject, cause and way out; the help itself where there is nothing but the name of a group of commands.

    `names`: the command that was called, for errors that do not know it.
    """
    message = error.format_message()
    if message.startswith("Usage:"):
        return message
    for pattern, said in _REWORDED:
        message = re.sub(pattern, said, message)
    context = getattr(error, "ctx", None)
    if context and hasattr(context.command, "commands"):
        message = re.sub(r"(?s)^No such option: (--home|--json)\b.*", r"\1 belongs after the command's name", message)
    command = context.command_path if context else " ".join(("broadsheet", *names))
    subject = f"{command.replace(' ', ': ', 1)}: "
    message = message.strip().rstrip(".")
    if not message[:2].isupper():  # the name of an argument
        message = f"{message[:1].lower()}{message[1:]}"
    return f"{subject}{message}; `{command} --help` shows what it takes"
