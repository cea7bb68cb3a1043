package io.consoul.config;

import java.util.regex.Pattern;

/** A URL as it may be printed: it can carry a user and a password, and in its query a key. Other text stays as it is. */
final class MaskedUrl {

  private static final Pattern CREDENTIALS = Pattern.compile("://[^/@]*@");
  private static final Pattern QUERY = Pattern.compile("(://[^?]*\\?).*");

  private MaskedUrl() {}

  static String of(String text) {
    String masked = CREDENTIALS.matcher(text).replaceFirst("://***@");
    return QUERY.matcher(masked).replaceFirst("$1***");
  }
}
