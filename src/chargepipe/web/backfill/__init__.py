"""Backfill: deals of older subscriptions and one-time invoices, previewed first."""
