"""Find, export and erase a person's data in the terminal: python -m bot.privacy.cli (make personal-data)."""

import argparse
import sys

from sqlalchemy.exc import SQLAlchemyError

from bot.conversations.contacts import Contacts
from bot.conversations.masking import is_email
from bot.database import now
from bot.desk.database import update
from bot.desk.models import AuditEntry
from bot.privacy import erasure, export, person
from bot.privacy.stores import Stores, open_stores
from bot.settings import get_settings

WHO = "command"  # in the audit trail


def main(arguments: list[str] | None = None) -> None:
    """Run the command; end with a one-line message if it is not possible."""
    given = _parser().parse_args(arguments)
    settings, email = get_settings(), given.email.strip().lower()
    if not is_email(email):
        sys.exit(f"{given.email} is no e-mail address")
    stores, contacts = open_stores(settings), Contacts(settings)
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        update(settings.chat_database_url)
        _do(stores, contacts, given, email)
    except (OSError, SQLAlchemyError) as error:
        sys.exit(f"a database cannot be used: {str(error).splitlines()[0]}")
    finally:
        stores.close()


def _do(stores: Stores, contacts: Contacts, given: argparse.Namespace, email: str) -> None:
    counts = person.counts(stores, contacts, email)
    if given.do == "export":
        collected = export.collect(stores, contacts, email)
        as_json = not given.html
        print(export.as_json(collected, stores.files) if as_json else export.as_html(collected, given.language))
        _note(stores, "exported", counts)
        return
    for name, count in counts.items():
        print(f"{name}\t{count}")
    if given.do == "find":
        _note(stores, "found", counts)
        return
    print("To erase all of this for good, type the address once more:", flush=True)
    if sys.stdin.readline().strip().lower() != email:
        sys.exit("the addresses are not the same: nothing has been erased")
    erasure.erase(stores, contacts, email, WHO)
    print("erased")


def _note(stores: Stores, what: str, counts: dict[str, int]) -> None:
    with stores.chat.write() as session:
        session.add(AuditEntry(at=now(), who=WHO, what=what, counts=counts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("make personal-data", description="Find, export and erase a person's data.")
    doing = parser.add_subparsers(dest="do", required=True)
    doing.add_parser("find", help="count what is kept").add_argument("email")
    exporting = doing.add_parser("export", help="print what is kept, as JSON")
    exporting.add_argument("email")
    exporting.add_argument("--html", action="store_true", help="as a page to read")
    exporting.add_argument("--language", choices=("lv", "en"), default="lv", help="of that page")
    doing.add_parser("erase", help="erase what is kept, after the address is typed once more").add_argument("email")
    return parser


if __name__ == "__main__":
    main()
