// Pure: failures that are plain Java exceptions in Debezium. `javaClass` names the one.
import { ConnectError } from "@millrace/connect";

/** Something Debezium takes for granted is missing. */
export class NullPointerError extends ConnectError {
  override readonly javaClass: string = "java.lang.NullPointerException";
}

export class ClassCastError extends ConnectError {
  override readonly javaClass: string = "java.lang.ClassCastException";
}

export class IndexOutOfBoundsError extends ConnectError {
  override readonly javaClass: string = "java.lang.ArrayIndexOutOfBoundsException";
}

export class IllegalArgumentError extends ConnectError {
  override readonly javaClass: string = "java.lang.IllegalArgumentException";
}

export class IllegalStateError extends ConnectError {
  override readonly javaClass: string = "java.lang.IllegalStateException";
}
