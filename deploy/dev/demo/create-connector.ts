/** Through REST, as its user would. @throws Error with the answer when it is refused. */
export async function createConnector(
  base: string,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await fetch(`${base}/connectors/${name}/config`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(config),
  });
  if (!answer.ok) throw new Error(`The connector ${name} could not be created: ${await answer.text()}`);
}
