package io.consoul.config;

import java.util.regex.Pattern;

/**
 * URLs as they may be printed: one can carry a user and a password, and in its query a key. Other text stays as it is. A password
 * that was not encoded may hold any character, so all up to the last @ before the next URL counts as one.
 */
final class MaskedUrl {

  private static final Pattern CREDENTIALS = Pattern.compile("://(?:(?!,\\s*\\w+://).)*@");
  private static final Pattern QUERY = Pattern.compile("(://[^?]*\\?).*");

  private MaskedUrl() {}

  static String of(String text) {
    String masked = CREDENTIALS.matcher(text).replaceAll("://***@");
    return QUERY.matcher(masked).replaceFirst("$1***");
  }
}
