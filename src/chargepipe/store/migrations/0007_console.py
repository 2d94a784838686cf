# Made by Django 5.2.19, and `fill` by hand.

import django.db.models.deletion
from django.db import migrations, models

from chargepipe.domain.searching import search_text


def fill(apps, _schema_editor):
    """Customers that were read before are found, too."""
    records = apps.get_model('chargepipe_store', 'Record')
    rows, page = records.objects.filter(kind='customer').only('attributes'), []
    for record in rows.iterator(chunk_size=500):
        record.search = search_text(record.attributes)
        page.append(record)
        if len(page) == 500:
            records.objects.bulk_update(page, ['search'])
            page = []
    records.objects.bulk_update(page, ['search'])


class Migration(migrations.Migration):

    dependencies = [
        ('chargepipe_store', '0006_oauth'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='syncerror',
            name='error_state',
        ),
        migrations.AddField(
            model_name='record',
            name='search',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='account',
            name='users',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='connection',
            name='attributes',
            field=models.JSONField(default=dict),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='change',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='chargepipe_store.run'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['run', 'id', 'state', 'kind'], name='change_page'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['connection', 'kind', 'pipedrive_id'], name='change_pipedrive'),
        ),
        migrations.RemoveIndex(model_name='record', name='record_company'),
        migrations.RemoveIndex(model_name='record', name='record_match_key'),
        migrations.RemoveIndex(model_name='record', name='record_outcome'),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(fields=['connection', 'kind', 'company_key'], name='record_of_company'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(fields=['connection', 'kind', 'match_key'], name='record_of_key'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(fields=['connection', 'kind', 'outcome_run', 'outcome'], name='record_of_run'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(fields=['connection', 'kind', 'source_id', 'search'], name='record_search'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(fields=['connection', 'kind', '-updated_at', 'source_id'], name='record_newest'),
        ),
        migrations.AddIndex(
            model_name='syncerror',
            index=models.Index(fields=['connection', 'state', 'opened_at', 'id'], name='error_oldest'),
        ),
    ]
