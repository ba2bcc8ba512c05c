// Pure: the wire form of an error.
import * as z from "zod";
import { errorCodes } from "./error.ts";

export const errorMessage = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  retriable: z.boolean(),
});
