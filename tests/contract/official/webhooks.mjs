// Webhooks of the account; the delivery itself is tested elsewhere.
export async function webhooks({ v1, one, app }) {
  const api = new v1.WebhooksApi(one);
  const AddWebhookRequest = {
    ...{ subscription_url: app.hook, event_action: "*", event_object: "person" },
    ...{ name: "Walk", http_auth_user: "walk", http_auth_password: "secret", version: "2.0" },
  };
  const created = (await api.addWebhook({ AddWebhookRequest })).data;
  const listed = (await api.getWebhooks()).data;
  const deleted = await api.deleteWebhook({ id: created.id });
  return { created, listed, deleted, after: (await api.getWebhooks()).data };
}
