"""What beat asks for; safe to lose, to run twice and to run late."""

from celery import shared_task


@shared_task(name="accounts.tasks.mail_notices")
def mail_notices() -> int:
    """Notices by e-mail to who is away (R3.2); on a queue of its own, so that a slow mail server stops no rule."""
    from accounts.mail import mail_due

    return mail_due()
