package io.consoul.launcher;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.consoul.config.ConfigReport;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the JSON files lie. A file that is not there reads as empty: every key is optional. */
record ConfigFolder(Path path) {

  private static final JsonFactory STRICT =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  JsonObject read(String name, ConfigReport report) {
    Path file = path.resolve(name);
    report.addSource(file);
    if (!Files.exists(file)) {
      return new JsonObject();
    }
    try {
      String text = Files.readString(file);
      check(text);
      return new JsonObject(text);
    } catch (JsonProcessingException malformed) {
      JsonLocation place = malformed.getLocation();
      report.addProblem(name + ": not valid JSON at line " + place.getLineNr() + ", column "
          + place.getColumnNr() + ": " + discreet(malformed.getOriginalMessage()));
    } catch (DecodeException notAnObject) {
      report.addProblem(name + ": must hold one JSON object");
    } catch (IOException unreadable) {
      report.addProblem(name + ": cannot be read: " + unreadable.getClass().getSimpleName());
    }
    return new JsonObject();
  }

  /** Vert.x's own parser takes the last of two equal keys and does not tell the place of a mistake. */
  private static void check(String text) throws IOException {
    try (JsonParser parser = STRICT.createParser(text)) {
      while (parser.nextToken() != null) {
        // every token is read so that a mistake anywhere is found
      }
    }
  }

  /**
   * Without Jackson's word of where it reads, and without what may be an API key: one that was not put into quotes, or one that
   * tiers are given to.
   */
  private static String discreet(String problem) {
    return problem
        .replaceFirst("\\[Source: [^;]*; ([^]]*)]", "$1")
        .replaceFirst("^Unrecognized token '[^']*'", "Unrecognized token")
        .replaceFirst("^Duplicate field '(?![A-Za-z]{1,32}'$).*", "Duplicate field");
  }
}
