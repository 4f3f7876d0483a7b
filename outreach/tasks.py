"""What beat asks for of the outbox."""

from celery import shared_task

from core import clock


@shared_task(name="outreach.tasks.send_mail")
def send_mail() -> int:
    """Send the e-mails that are due; safe twice, late and from two machines."""
    from outreach.mail import send_due

    return send_due(clock.now())
