"""The command line: each command is a module of this folder, loaded when it is called."""

import sys
from importlib import import_module

import click

from smsgateway.gateway import GatewayProblem
from smsgateway.people.seal import BrokenSeal
from smsgateway.settings import SettingsProblem
from smsgateway.store import StoreProblem
from surveys.yamlfile import FileProblem

WRONG_USE, FAILURE = 2, 1

COMMANDS = {
    "demo": "smsgateway.cli.demo",
    "test": "smsgateway.cli.development",
    "lock": "smsgateway.cli.development",
    "serve": "smsgateway.cli.serve",
    "worker": "smsgateway.cli.serve",
    "migrate": "smsgateway.cli.operate",
    "organisation": "smsgateway.cli.organisation",
    "visits": "smsgateway.cli.visits",
    "send": "smsgateway.cli.send",
    "reconcile": "smsgateway.cli.reconcile",
    "figures": "smsgateway.cli.figures",
    "export": "smsgateway.cli.export",
    "read": "smsgateway.cli.words",
    "text": "smsgateway.cli.words",
    "when": "smsgateway.cli.words",
    "opt-out": "smsgateway.cli.people",
    "person": "smsgateway.cli.data_subject",
    "erase": "smsgateway.cli.data_subject",
    "retention": "smsgateway.cli.data_subject",
    "verify": "smsgateway.cli.verify",
    "key": "smsgateway.cli.keys",
    "backup": "smsgateway.cli.backup",
    "restore": "smsgateway.cli.backup",
    "doctor": "smsgateway.cli.operate",
    "bench": "smsgateway.cli.development",
}
"""Command to the module that has a click command of that name (with `_` for `-`)."""


class Commands(click.Group):
    """Loads the module of the one command that is called, so that every command starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def commands() -> None:
    """Asks patients by text message how their visit was, and hears the answer.

    Settings: config/gateway.toml and the environment (SMSGATEWAY_...).
    """


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; answers the exit status. A failure is one line on standard error."""
    try:
        result = commands.main(arguments, prog_name="run.py", standalone_mode=False)
    except click.Abort:
        return told("interrupted", FAILURE)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return WRONG_USE
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "run.py"
        return told(
            f"{where}: {error.format_message()}",
            WRONG_USE if isinstance(error, click.UsageError) else FAILURE,
        )
    except (GatewayProblem, SettingsProblem, StoreProblem, FileProblem, BrokenSeal) as problem:
        return told(str(problem), FAILURE)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nobody is left to tell
        return FAILURE
    return result if isinstance(result, int) else 0


def told(sentence: str, status: int) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return status
