# Made by Django 5.2.19.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chargepipe_store', '0007_console'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='people',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='configured_at',
            field=models.DateTimeField(null=True),
        ),
    ]
