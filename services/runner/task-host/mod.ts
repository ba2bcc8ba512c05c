export { createTaskHost, type TaskHost, type TaskHostDeps } from "./task-host.ts";
