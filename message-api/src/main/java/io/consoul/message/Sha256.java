package io.consoul.message;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digest that stands for what is told or kept nowhere itself: keys, addresses, what clients choose. */
public final class Sha256 {

  private Sha256() {}

  /** A fresh one. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every Java has SHA-256", missing);
    }
  }
}
