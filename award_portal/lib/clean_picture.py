"""A photograph without what the camera wrote into it: place, device, owner, thumbnail; upright, pixels only."""

from __future__ import annotations

import io

from award_portal.lib.upload_refused import UploadRefused

# a photograph for a record, not for a poster
LONGEST_EDGE = 2400


def clean_picture(data: bytes) -> bytes:
    """The picture as a fresh JPEG, turned as its orientation says; raises UploadRefused for what is no picture."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        image.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
        # a new image of the pixels alone: no info dictionary goes over
        fresh = Image.new("RGB", image.size)
        fresh.paste(image)
        kept = io.BytesIO()
        fresh.save(kept, "JPEG", quality=85, optimize=True)
    except Exception as error:  # Pillow raises many kinds on broken pictures: none may pass
        raise UploadRefused("图片损坏，无法读取，请重新保存后上传。", "image_broken") from error
    return kept.getvalue()
