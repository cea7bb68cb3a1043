package io.consoul.launcher;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus reads from a server at one moment. */
record Scrape(List<String> lines) {

  /** A metric as Prometheus sees it, or as a page describes it. */
  record Family(String type, Set<String> labels) {}

  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z0-9_]+)(\\{.*})? \\S+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  /** Beside a histogram or a summary: its largest value. */
  private static final String MAX = "_max";

  static Scrape of(RunningServer server, HttpClient client) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.metrics()))
        .timeout(Duration.ofSeconds(20))
        .build();
    String text = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    return new Scrape(text.lines().toList());
  }

  /** All that have a series, by their names. */
  Map<String, Family> families() {
    Map<String, String> types = new TreeMap<>();
    Map<String, Family> families = new TreeMap<>();
    for (String line : lines) {
      Matcher type = TYPE.matcher(line);
      if (type.matches()) {
        types.put(type.group(1), type.group(2));
      }
    }
    for (String sample : series()) {
      Matcher parts = SAMPLE.matcher(sample + " 0");
      if (parts.matches()) {
        String name = types.containsKey(parts.group(1))
            ? parts.group(1)
            : parts.group(1).replaceFirst("_(bucket|count|sum)$", "");
        Family family = families.computeIfAbsent(
            name, each -> new Family(types.getOrDefault(each, "?"), new TreeSet<>()));
        if (parts.group(2) != null) {
          LABEL
              .matcher(parts.group(2))
              .results()
              .forEach(each -> family.labels().add(each.group(1)));
          family.labels().remove("le");
        }
      }
    }
    families
        .keySet()
        .removeIf(name ->
            name.endsWith(MAX) && families.containsKey(name.substring(0, name.length() - 4)));
    return families;
  }

  /** Every name with its labels. */
  Set<String> series() {
    Set<String> series = new TreeSet<>();
    lines.stream()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> series.add(line.substring(0, line.lastIndexOf(' '))));
    return series;
  }
}
