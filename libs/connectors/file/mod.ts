export { FileStreamSink, FileStreamSource } from "./plugin.ts";
