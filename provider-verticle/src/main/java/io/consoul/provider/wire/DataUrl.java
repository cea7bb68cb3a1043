package io.consoul.provider.wire;

import java.util.Locale;
import java.util.Optional;

/**
 * Data inside a URL, as images come in messages: {@code data:image/png;base64,…}.
 *
 * @param base64 the data, still encoded
 */
public record DataUrl(String mimeType, String base64) {

  private static final String SCHEME = "data:";
  private static final String ENCODING = ";base64";

  /** Empty when the text is something else, such as the address of an image. */
  public static Optional<DataUrl> parse(String url) {
    int comma = url.indexOf(',');
    if (comma < 0 || !url.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String head = url.substring(SCHEME.length(), comma).toLowerCase(Locale.ROOT);
    if (!head.endsWith(ENCODING)) {
      return Optional.empty();
    }
    String type = head.substring(0, head.indexOf(';')).strip();
    return Optional.of(
        new DataUrl(type.isEmpty() ? "application/octet-stream" : type, url.substring(comma + 1)));
  }
}
