import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ask, type ClusterView } from "./api.ts";
import { ConnectorPage } from "./connector-page.tsx";
import { EditPage } from "./edit-page.tsx";
import { remember } from "./flow-history.ts";
import { usePolled, useRoute } from "./hooks.ts";
import { OverviewPage } from "./overview-page.tsx";
import { Failure, Loading } from "./parts.tsx";
import { PluginsPage } from "./plugins-page.tsx";
import { RunnersPage } from "./runners-page.tsx";

const LOOK_MS = 2_000;

const pages = [
  ["", "Connectors"],
  ["new", "New"],
  ["runners", "Runners"],
  ["plugins", "Plugins"],
] as const;

/** What `GET /millrace/v1/metrics` says, looked at all the time: plots go on whichever page is open. */
async function look(signal: AbortSignal): Promise<ClusterView> {
  const view = await ask<ClusterView>("GET", "/millrace/v1/metrics?tasks=false", undefined, signal);
  remember(view);
  return view;
}

export function App(): JSX.Element {
  const route = useRoute();
  const { data: view, error } = usePolled(look, "metrics", LOOK_MS);
  const [section = "", name, tab] = route.split("/");
  const title = name === undefined ? (pages.find(([path]) => path === section)?.[1] ?? "") : decodeURIComponent(name);
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
  return (
    <>
      <a class="skip" href={`#/${route}`} onClick={() => document.querySelector("main")?.focus()}>
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="#/">
          <img src="icon.svg" width="24" height="24" alt="" />
          Millrace
        </a>
        <nav aria-label="Pages">
          {pages.map(([path, text]) => (
            <a key={path} href={`#/${path}`} aria-current={isHere(path, section) ? "page" : undefined}>
              {text}
            </a>
          ))}
        </nav>
      </header>
      <main tabIndex={-1}>
        <Failure error={error} />
        <Page section={section} name={name} tab={tab} view={view} waiting={error === null} />
      </main>
    </>
  );
}

function isHere(path: string, section: string): boolean {
  return path === section || (path === "" && section === "connectors");
}

function Page({
  section,
  name,
  tab,
  view,
  waiting,
}: {
  readonly section: string;
  readonly name: string | undefined;
  readonly tab: string | undefined;
  readonly view: ClusterView | null;
  readonly waiting: boolean;
}): JSX.Element | null {
  if (section === "new") return <EditPage name={null} />;
  if (section === "plugins") return <PluginsPage />;
  if (section === "connectors" && name !== undefined) {
    const connector = decodeURIComponent(name);
    if (tab === "edit") return <EditPage key={connector} name={connector} />;
    return <ConnectorPage key={connector} name={connector} tab={tab ?? "status"} />;
  }
  if (view === null) return waiting ? <Loading what="the cluster" /> : null;
  if (section === "runners") return <RunnersPage view={view} />;
  return <OverviewPage view={view} />;
}
