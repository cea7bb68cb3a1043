package io.consoul.gateway;

import io.consoul.config.FileMark;
import io.consoul.gateway.http.TlsFiles;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Lets a server show a certificate that was renewed on disk. New connections get it; those that are open stay. */
final class CertificateWatch {

  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);

  private final Vertx vertx;
  private final TlsFiles files;
  private final HttpServer server;
  private final News news;
  private List<FileMark> known;
  private List<FileMark> refused;
  private boolean looking;

  /**
   * @param known the marks of the files that the server has read
   * @param news of the node: each of its servers has a watch, and one of them says what there is to say
   */
  CertificateWatch(
      Vertx vertx, TlsFiles files, HttpServer server, List<FileMark> known, News news) {
    this.vertx = vertx;
    this.files = files;
    this.server = server;
    this.known = known;
    this.news = news;
  }

  /** To be called now and then. */
  void look() {
    if (looking) {
      return; // on a busy machine they would queue up
    }
    looking = true;
    vertx
        .executeBlocking(() -> Look.at(files))
        .onComplete(done -> looking = false)
        .onSuccess(this::seen)
        .onFailure(failure -> warn(
            "the TLS certificate cannot be looked at: " + failure.getClass().getSimpleName()));
  }

  private void seen(Look look) {
    if (look.marks.equals(known) || look.marks.equals(refused)) {
      return;
    }
    if (look.problem.isPresent()) {
      refused = look.marks;
      warn("the TLS certificate was changed and is not taken over: " + look.problem.get()
          + "; the one before stays");
      return;
    }
    ServerSSLOptions renewed = new ServerSSLOptions().setKeyCertOptions(files.options());
    server
        .updateSSLOptions(renewed, true)
        .onSuccess(done -> {
          known = look.marks;
          log.atLevel(news.is(look.marks) ? Level.INFO : Level.DEBUG)
              .log("the renewed TLS certificate is in use");
        })
        .onFailure(failure -> warn("the renewed TLS certificate cannot be used: "
            + failure.getClass().getSimpleName() + "; the one before stays"));
  }

  private void warn(String text) {
    log.atLevel(news.is(text) ? Level.WARN : Level.DEBUG).log(text);
  }

  private record Look(List<FileMark> marks, Optional<String> problem) {

    static Look at(TlsFiles files) {
      return new Look(files.marks(), files.problem());
    }
  }
}
