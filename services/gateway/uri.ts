// Pure: which request paths Connect's server refuses, and how it writes a connector's address.

/**
 * Why Connect's HTTP server refuses this path before any resource sees it, or null. A connector whose name holds `/`, `\`
 * or `%` can be created and listed but not addressed, as in Connect.
 */
export function refusedPath(rawPath: string): string | null {
  if (rawPath.includes("//")) return "Ambiguous URI empty segment";
  if (/%(?![0-9a-f]{2})/i.test(rawPath)) return "Bad Request";
  if (/%2f/i.test(rawPath)) return "Ambiguous URI path separator";
  if (/%25/.test(rawPath)) return "Ambiguous URI path encoding";
  if (/%5c/i.test(rawPath)) return "Suspicious Path Character";
  return null;
}

/** The page that goes with it, in the shape of Connect's server. Names no part of the path. */
export function refusalPage(reason: string): string {
  return `<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>
<title>Error 400 ${reason}</title>
</head>
<body>
<h2>HTTP ERROR 400 ${reason}</h2>
<table>
<tr><th>STATUS:</th><td>400</td></tr>
<tr><th>MESSAGE:</th><td>${reason}</td></tr>
</table>
</body>
</html>
`;
}

/** Absolute, with the characters escaped that Connect escapes: `/` in a name stays, `?` and `#` do not. */
export function connectorLocation(origin: string, name: string): string {
  const wellFormed = new TextDecoder().decode(new TextEncoder().encode(name));
  const path = encodeURI(wellFormed).replace(/[?#]/g, encodeURIComponent);
  return `${origin}/connectors/${path}`;
}
