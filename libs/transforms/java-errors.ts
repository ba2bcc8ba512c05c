// Pure: failures that Connect does not name itself and leaves to Java.
import { ConnectError } from "@millrace/connect";

export class IllegalArgumentError extends ConnectError {
  override readonly javaClass: string = "java.lang.IllegalArgumentException";
}

/** A value is not of the class that its schema, or its place, promises. */
export class ClassCastError extends ConnectError {
  override readonly javaClass: string = "java.lang.ClassCastException";
}

/** Something that has to be there is not. */
export class NullPointerError extends ConnectError {
  override readonly javaClass: string = "java.lang.NullPointerException";
}
