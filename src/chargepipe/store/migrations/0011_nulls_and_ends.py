"""When an account refused to empty a value; of phone numbers the mirror keeps how they end."""

from django.db import migrations, models
from django.db.models.functions import Right

NUMBER_END = 7


def keep_ends(apps, schema_editor):
    """The match keys of customers, where they are phone numbers (domain.keys.common_key)."""
    Connection = apps.get_model("chargepipe_store", "Connection")
    Record = apps.get_model("chargepipe_store", "Record")
    for connection in Connection.objects.iterator():
        match_key = connection.file.get("settings", {}).get("match_key", {})
        if "phone" in match_key.values():
            customers = Record.objects.filter(connection=connection, kind="customer")
            customers.update(match_key=Right("match_key", NUMBER_END))


class Migration(migrations.Migration):

    dependencies = [
        ('chargepipe_store', '0010_agreed'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='nothing_emptied_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(keep_ends, migrations.RunPython.noop),
    ]
