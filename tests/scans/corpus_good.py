"""What scanners, telephones and office programs write: all accepted."""

from __future__ import annotations

import pikepdf
from PIL import Image

from tests import samples
from tests.scans import crafted
from tests.scans.case import Case, with_change
from tests.scans.crafted import page_pdf


def _two_pictures() -> bytes:
    first, second = samples.picture(), samples.picture("RGB", (160, 225))
    return samples.saved(first, "MPO", save_all=True, append_images=[second])


def _with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112], exif[0x011A] = "Giấy tờ", 6, 300.0
    return samples.saved(samples.picture(), "JPEG", exif=exif, icc_profile=b"\0" * 200)


def lossless_pdf() -> bytes:
    gray = samples.picture("L", (1240, 1754)).tobytes()

    def write(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        picture = pikepdf.Stream(
            document,
            gray,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=1240,
            Height=1754,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
        )
        document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))

    return samples.made_pdf(write, packed=True)


def _signed() -> bytes:
    signature = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Contents<00>/ByteRange[0 1 2 3]>>"
    field = b"<</FT/Sig/T(Chu ky)/V 5 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>"
    return page_pdf(field, signature, catalog=b"/AcroForm<</Fields[4 0 R]/SigFlags 3>>", page=b"/Annots[4 0 R]")


def _fax_pdf() -> bytes:
    return samples.saved(samples.picture("1", (1240, 1754)), "PDF", resolution=150)


_LINK = b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://dichvucong.gov.vn)>>>>"

GOOD = (
    Case("a scanned page as PDF", samples.pdf, name="đơn xin.pdf", declared="application/pdf"),
    Case("three scanned pages", lambda: samples.pdf(3), name="hồ sơ.PDF"),
    Case("three hundred pages", lambda: samples.small_pdf(300)),
    Case("a scanned JPEG", samples.jpeg, name="anh.jpg", declared="image/jpeg"),
    Case("a JPEG of another spelling", samples.jpeg, name="anh.JPEG", declared="image/pjpeg"),
    Case("a grey PNG", samples.png, name="trang 1.png", declared="image/png"),
    Case("unknown to the browser", samples.pdf, name="a.pdf", declared="application/octet-stream"),
    Case("no name at all", samples.jpeg),
    Case("a name with a dot and no extension", samples.pdf, name="Quyết định số 12.2024"),
    Case("a progressive JPEG", lambda: samples.saved(samples.picture(), "JPEG", progressive=True)),
    Case("a CMYK JPEG", lambda: samples.saved(samples.picture("CMYK"), "JPEG")),
    Case("a JPEG with EXIF and profile", _with_exif, name="IMG_0001.jpg"),
    Case("a telephone's picture with a second one behind", _two_pictures, name="IMG_0002.jpg"),
    Case("a padded JPEG", lambda: samples.jpeg() + bytes(512)),
    Case("a PNG with transparency", lambda: samples.saved(samples.picture("RGBA"), "PNG")),
    Case("a PNG of one bit", lambda: samples.saved(samples.picture("1"), "PNG")),
    Case("a PNG of sixteen bits", lambda: samples.saved(samples.picture("L").convert("I;16"), "PNG")),
    Case("a PNG with text", lambda: crafted.png_with((b"tEXt", b"Software\0May quet"))),
    Case("a fax-coded PDF", _fax_pdf, name="fax.pdf"),
    Case("a lossless PDF with object streams", lossless_pdf),
    Case("a linearised PDF", with_change(lambda document: None, linear=True)),
    Case("a PDF that ends in zeros", lambda: samples.small_pdf() + b"\r\n" + bytes(300)),
    Case("a PDF with a link", lambda: page_pdf(_LINK, page=b"/Annots[4 0 R]")),
    Case("a PDF with a signature", _signed, name="quyết định đã ký.pdf"),
    Case("a PDF that opens at a page", lambda: page_pdf(catalog=b"/OpenAction[3 0 R/Fit]")),
    Case("a huge page box", lambda: page_pdf(page=b"/CropBox[0 0 14400 14400]")),
)
