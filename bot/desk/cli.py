"""Add and manage agents in the terminal: python -m bot.desk.cli (make agent)."""

import argparse
import getpass
import sys

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.conversations.models import Agent
from bot.database import Database
from bot.desk import agents, passwords, team_log
from bot.desk.database import update
from bot.private import write_privately
from bot.settings import get_settings


def main(arguments: list[str] | None = None) -> None:
    """Run the command; end with a one-line message if it is not possible."""
    given = _parser().parse_args(arguments)
    settings = get_settings()
    write_privately()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        update(settings.chat_database_url)
    except (OSError, SQLAlchemyError) as error:
        sys.exit(f"the database of CPS_CHAT_DATABASE cannot be used: {str(error).splitlines()[0]}")
    database = Database(settings.chat_database_url)
    if given.do == "list":
        with database.read() as session:
            for agent in agents.everybody(session):
                print(_line(agent))
        return
    email = given.email.strip().lower()
    if not agents.is_email(email):
        sys.exit(f"{given.email} is no e-mail address")
    if given.do in ("add", "rename") and not agents.clean_name(given.name):
        sys.exit('name the agent: make agent EMAIL=… NAME="…"')
    password_hash = passwords.hasher.hash(_ask_password()) if given.do in ("add", "password") else ""
    with database.write() as session:
        print(_line(_do(session, given, email, password_hash)))


def _do(session: Session, given: argparse.Namespace, email: str, password_hash: str) -> Agent:
    if given.do == "add":
        try:
            added = agents.add(session, email, agents.clean_name(given.name), given.role, password_hash)
        except agents.EmailTaken:
            sys.exit(f"there is an agent {email} already")
        team_log.note(session, team_log.COMMAND, added, "add")
        return added
    agent = agents.by_email(session, email)
    if not agent:
        sys.exit(f"there is no agent {email}")
    team_log.note(session, team_log.COMMAND, agent, given.do)
    if given.do == "password":
        agents.set_password(session, agent, password_hash)
    elif given.do == "disable":
        agents.disable(session, agent)
    elif given.do == "rename":
        agents.rename(session, agent, agents.clean_name(given.name))
    elif given.do == "code":
        agents.forget_app(session, agent)
    elif given.do == "link":
        agents.link(agent)
    elif given.do == "delete":
        agents.delete(session, agent)
    else:
        agents.enable(session, agent)
    return agent


def _ask_password() -> str:
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            sys.exit("the two are not the same")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not passwords.MIN_LENGTH <= len(password) <= passwords.MAX_LENGTH:
        sys.exit(f"a password has at least {passwords.MIN_LENGTH} and at most {passwords.MAX_LENGTH} characters")
    return password


def _line(agent: Agent) -> str:
    state = "disabled" if agent.disabled_at else "enabled"
    return f"{agent.email}\t{agent.role}\t{state}\t{agent.name}\tagent-{agent.id}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make agent", description="Add and manage agents of the desk.")
    doing = parser.add_subparsers(dest="do", required=True)
    add = doing.add_parser("add", help="add an agent; the password is asked for, or read from standard input")
    add.add_argument("email")
    add.add_argument("--name", default="", help="first name and family name; customers see the first")
    add.add_argument("--role", choices=agents.ROLES, default="agent")
    for name, meaning in (
        ("password", "give an agent a new password"),
        ("disable", "keep an agent out, at once"),
        ("enable", "let an agent in again"),
        ("code", "let an agent set another authenticator app up"),
        ("link", "let the next person of the issuer with this address be this agent"),
        ("delete", "delete an agent, with the calls that the agent had"),
    ):
        doing.add_parser(name, help=meaning).add_argument("email")
    rename = doing.add_parser("rename", help="give an agent another name")
    rename.add_argument("email")
    rename.add_argument("--name", default="", help="first name and family name; customers see the first")
    doing.add_parser("list", help="list all agents")
    return parser


if __name__ == "__main__":
    main()
