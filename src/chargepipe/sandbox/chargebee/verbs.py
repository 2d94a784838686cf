"""The verbs of the billing site, put together."""

from ..options import Options
from .billing import Billing
from .bills import Bills
from .credits import Credits
from .customer_verbs import CustomerVerbs
from .cycle import Cycle
from .invoice_verbs import InvoiceVerbs
from .life import Life
from .mrr import Mrr
from .site import Site
from .subscription_verbs import SubscriptionVerbs
from .transfer import Transfer


class Verbs:
    """What users of the site do (`customers`, `subscriptions`, `invoices`) and what time does."""

    def __init__(self, billing: Billing, site: Site, options: Options) -> None:
        book, seed = billing.book, billing.seed
        mrr, credits_ = Mrr(book, site, options), Credits(book)
        bills = Bills(book, credits_, seed)
        cycle = Cycle(book, bills, mrr)
        self.customers = CustomerVerbs(billing, Transfer(book, mrr, seed, options), options)
        self.subscriptions = SubscriptionVerbs(book, cycle, mrr)
        self.invoices = InvoiceVerbs(book, bills, credits_)
        self.life = Life(book, cycle, seed)
