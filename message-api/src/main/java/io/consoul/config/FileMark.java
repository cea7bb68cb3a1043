package io.consoul.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * Tells whether a file is still the one that was read: when it was written, how long it is, which file it is (a mounted secret is
 * replaced as a whole), and whether it may be read at all.
 */
public record FileMark(String text) {

  private static final FileMark ABSENT = new FileMark("");

  /** Of a file that may not be there. */
  public static FileMark of(Path file) {
    try {
      BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileMark(is.lastModifiedTime().to(TimeUnit.NANOSECONDS) + " " + is.size() + " "
          + is.fileKey() + " " + Files.isReadable(file));
    } catch (IOException absent) {
      return ABSENT;
    }
  }

  public boolean isThere() {
    return !equals(ABSENT);
  }
}
