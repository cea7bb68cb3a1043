package io.consoul.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.consoul.gateway.http.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * One GET to a node of this machine. With the JDK's oldest client: it is there at once, where a newer one would take longer to
 * load than the node takes to answer.
 */
final class HealthProbe {

  /** What came back. */
  record Answer(int status, String body) {}

  private static final int LIMIT_MILLIS = 4_000;

  private final Optional<TlsFiles> tls;

  /** @param tls what the node shows of itself; no other certificate is taken for its own */
  HealthProbe(Optional<TlsFiles> tls) {
    this.tls = tls;
  }

  Answer get(URI uri) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(LIMIT_MILLIS);
    connection.setReadTimeout(LIMIT_MILLIS);
    if (connection instanceof HttpsURLConnection secured) {
      // It is issued for the name that clients know, not for the address that is asked here.
      secured.setHostnameVerifier((host, session) -> true);
      secured.setSSLSocketFactory(context().getSocketFactory());
    }
    int status = connection.getResponseCode();
    try (InputStream body =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Answer(status, body == null ? "" : new String(body.readAllBytes(), UTF_8));
    }
  }

  private SSLContext context() throws IOException {
    try (InputStream file = Files.newInputStream(Path.of(tls.orElseThrow().cert()))) {
      Certificate own = CertificateFactory.getInstance("X.509").generateCertificate(file);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new OneCertificate(own)}, null);
      return context;
    } catch (GeneralSecurityException unusable) {
      throw new IOException("the certificate of the configuration cannot be used", unusable);
    }
  }
}
