import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** A state as a word with a colour; the word alone says it. */
export function State({ state }: { readonly state: string }): JSX.Element {
  return <span class={`state ${state.toLowerCase()}`}>{state}</span>;
}

export function Failure({ error }: { readonly error: Error | null }): JSX.Element | null {
  return error === null ? null : (
    <p class="failure" role="alert">
      {error.message}
    </p>
  );
}

/** A button that runs something, shows that it does, and what went wrong. */
export function Action(props: {
  readonly children: ComponentChildren;
  readonly run: () => Promise<unknown>;
  /** Asked before; absent: nothing is. */
  readonly confirm?: string;
  readonly kind?: "main" | "danger";
  readonly disabled?: boolean;
  readonly done?: () => void;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const start = async () => {
    if (props.confirm !== undefined && !window.confirm(props.confirm)) return;
    setBusy(true);
    setError(null);
    try {
      await props.run();
      props.done?.();
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(false);
  };
  return (
    <span class="action">
      <button
        type="button"
        class={props.kind ?? ""}
        disabled={busy || props.disabled === true}
        aria-busy={busy}
        onClick={start}
      >
        {props.children}
      </button>
      <Failure error={error} />
    </span>
  );
}

export function Card({
  title,
  children,
  aside,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
}): JSX.Element {
  return (
    <section class="card">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** Wide content scrolls by itself, also by keyboard. */
export function Scroll({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

/** Text as it is, in lines; long ones scroll, also by keyboard. */
export function Lines({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="lines" tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  );
}

export function Loading({ what }: { readonly what: string }): JSX.Element {
  return (
    <p class="loading" role="status">
      Loading {what} …
    </p>
  );
}

/** Modal; Escape and the backdrop's owner, the browser, close it. */
export function Dialog({
  title,
  close,
  children,
}: {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} onClose={close} aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button type="button" onClick={close}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}
