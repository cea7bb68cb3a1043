package io.consoul.gateway.http;

import io.consoul.config.FileMark;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.KeyStoreHelper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.List;
import java.util.Optional;

/**
 * The certificate that the server shows and its private key, both as PEM. It blocks, so never on an event loop.
 *
 * @param cert the server's certificate, followed by those that lead to the root
 * @param key not encrypted
 */
public record TlsFiles(String cert, String key) {

  private static final byte[] PROBE = "consoul".getBytes(StandardCharsets.US_ASCII);

  /** For a server; reads the files anew each time that it is used. */
  public KeyCertOptions options() {
    return new PemKeyCertOptions().setCertPath(cert).setKeyPath(key);
  }

  /** Why a server could not use them, without a word of what is in them. */
  public Optional<String> problem() {
    Optional<String> unreadable = unreadable(cert).or(() -> unreadable(key));
    return unreadable.isPresent() ? unreadable : mismatch();
  }

  /** Others when a file was replaced. */
  public List<FileMark> marks() {
    return List.of(FileMark.of(Path.of(cert)), FileMark.of(Path.of(key)));
  }

  private Optional<String> mismatch() {
    try {
      KeyStore.PrivateKeyEntry pair = pair();
      return matches(pair.getPrivateKey(), pair.getCertificate().getPublicKey())
          ? Optional.empty()
          : Optional.of("the private key in " + key + " is not that of the certificate in " + cert);
    } catch (Exception malformed) {
      // the library throws everything there is, and may quote the file
      return Optional.of("the certificate in " + cert + " or the private key in " + key
          + " is not PEM that can be used: a certificate chain and its unencrypted RSA or EC key are"
          + " needed");
    }
  }

  /** As the server itself will read them. */
  private KeyStore.PrivateKeyEntry pair() throws Exception {
    KeyStore store = KeyStoreHelper.loadKeyCert(
        List.of(Buffer.buffer(Files.readAllBytes(Path.of(key)))),
        List.of(Buffer.buffer(Files.readAllBytes(Path.of(cert)))));
    return (KeyStore.PrivateKeyEntry) store.getEntry(
        store.aliases().nextElement(),
        new KeyStore.PasswordProtection(KeyStoreHelper.DUMMY_PASSWORD.toCharArray()));
  }

  private static boolean matches(PrivateKey privateKey, PublicKey publicKey)
      throws GeneralSecurityException {
    if (!privateKey.getAlgorithm().equals(publicKey.getAlgorithm())) {
      return false;
    }
    String algorithm = privateKey.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(privateKey);
    signer.update(PROBE);
    byte[] signed = signer.sign();
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(publicKey);
    verifier.update(PROBE);
    return verifier.verify(signed);
  }

  private static Optional<String> unreadable(String file) {
    try {
      Path path = Path.of(file);
      return Files.isRegularFile(path) && Files.isReadable(path)
          ? Optional.empty()
          : Optional.of(file + " cannot be read");
    } catch (InvalidPathException malformed) {
      return Optional.of(file + " cannot be read");
    }
  }
}
