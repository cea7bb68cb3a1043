package io.consoul.launcher.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;

/** Each line of the standard input is a message. */
final class Lines implements Input {

  private final BufferedReader reader;

  Lines(InputStream in) {
    reader = new BufferedReader(new InputStreamReader(in, UTF_8));
  }

  @Override
  public String next() {
    try {
      return reader.readLine();
    } catch (IOException broken) {
      throw new ChatFailure("The standard input cannot be read.");
    }
  }
}
