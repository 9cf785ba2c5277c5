"""The queue: who waits for an agent."""

from fastapi import APIRouter, Request, Response

from bot.desk.pages import page
from bot.desk.session import SignedIn

router = APIRouter(prefix="/desk")


@router.get("")
def show_queue(request: Request, agent: SignedIn) -> Response:
    """Show who waits."""
    return page(request, agent, "queue.html")
